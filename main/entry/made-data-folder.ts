import { access, constants, mkdir } from 'node:fs/promises';

/** Data can't be kept where it should be; the words say why and what to do. */
export class DataFolderError extends Error {
  override readonly name = 'DataFolderError';
}

/** Makes the data folder, for its owner alone, where it is missing. @throws DataFolderError where nothing can be kept in it */
export async function makeDataFolder(folder: string): Promise<void> {
  let trouble: string | undefined;
  try {
    await mkdir(folder, { recursive: true, mode: 0o700 });
    trouble = await dataFolderTrouble(folder);
  } catch (error) {
    trouble = refusalWords(error as NodeJS.ErrnoException);
  }
  if (trouble === undefined) return;
  throw new DataFolderError(
    `Fathom cannot keep its data in ${folder}: ${trouble}. Set FATHOM_HOME to a folder that can be written.`,
  );
}

/** Why a folder that is there can't take data; undefined where it can. */
export async function dataFolderTrouble(folder: string): Promise<string | undefined> {
  try {
    // A name under it, since a file of that name can be written, too.
    await access(`${folder}/.`, constants.R_OK | constants.W_OK | constants.X_OK);
    return undefined;
  } catch (error) {
    return refusalWords(error as NodeJS.ErrnoException);
  }
}

function refusalWords({ code, message }: NodeJS.ErrnoException): string {
  switch (code) {
    case 'EEXIST':
    case 'ENOTDIR':
      return 'it is a file, or lies under one';
    case 'EACCES':
    case 'EPERM':
      return 'this user may not write there';
    case 'EROFS':
      return 'its disk is read-only';
    case 'ENOSPC':
      return 'the disk is full';
    case 'ENOENT':
      // What the system says of a folder to be made on a disk that is read-only.
      return 'no folder can be made there';
    default:
      return message;
  }
}
