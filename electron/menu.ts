import { Menu, type MenuItemConstructorOptions } from 'electron';

/**
 * The least menu that the platforms expect. Reloading and closing have no keys: every key belongs to the terminal, and a
 * slip of the hand must not take the screen away.
 */
export function setMenu(platform: NodeJS.Platform): void {
  const own: MenuItemConstructorOptions[] = platform === 'darwin' ? [{ role: 'appMenu' }] : [];
  Menu.setApplicationMenu(
    Menu.buildFromTemplate([
      ...own,
      { role: 'editMenu' },
      {
        label: 'View',
        submenu: [
          { role: 'resetZoom', registerAccelerator: false },
          { role: 'zoomIn', registerAccelerator: false },
          { role: 'zoomOut', registerAccelerator: false },
          { type: 'separator' },
          { role: 'togglefullscreen' },
          { role: 'toggleDevTools', registerAccelerator: false },
        ],
      },
      { role: 'windowMenu' },
    ]),
  );
}
