import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** Named workspaces on disk, one file each; the text is the screen's own and not looked into. */
export class WorkspaceShelf {
  readonly #folder: string;

  constructor(folder: string) {
    this.#folder = folder;
  }

  /** Layout of a workspace, or null when it was never saved. */
  async load(name: string): Promise<{ readonly layout: string | null }> {
    try {
      return { layout: await readFile(this.#path(name), 'utf8') };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { layout: null };
      throw error;
    }
  }

  async save(name: string, layout: string): Promise<void> {
    await mkdir(this.#folder, { recursive: true });
    const path = this.#path(name);
    await writeFile(`${path}.next`, layout);
    await rename(`${path}.next`, path);
  }

  /** A file name that no workspace name can lead out of the folder. */
  #path(name: string): string {
    return join(this.#folder, `${Buffer.from(name, 'utf8').toString('hex')}.json`);
  }
}
