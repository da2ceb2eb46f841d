import { existsSync } from 'node:fs';
import { dirname } from 'node:path';

/** Whether an error is what the system said, a code with it, and not a defect of ours. */
export function isFileFault(error: unknown): error is NodeJS.ErrnoException {
  return error instanceof Error && typeof (error as NodeJS.ErrnoException).code === 'string';
}

/**
 * A sentence for what the file system refused.
 * @param unnamed what to call a file that the error does not name
 */
export function fileWords(error: NodeJS.ErrnoException, unnamed = 'the file'): string {
  const path = error.path ?? unnamed;
  switch (error.code) {
    case 'ENOENT':
      // Of a file to be written it is the folder that is missing.
      return existsSync(dirname(path)) ? `${path} does not exist` : `${path}: there is no folder ${dirname(path)}`;
    case 'EACCES':
    case 'EPERM':
      return `${path} may not be opened by this user`;
    case 'EISDIR':
      return `${path} is a folder, not a file`;
    case 'ESPIPE':
      return `${path} is a pipe or a device, which can't be read from any place; a file is needed`;
    case 'EEXIST':
    case 'ENOTDIR':
      return `${path} is a file, or lies under one, where a folder is needed`;
    case 'ENOSPC':
      return `${path} cannot be written: the disk is full`;
    case 'EROFS':
      return `${path} cannot be written: its disk is read-only`;
    default:
      return error.message;
  }
}
