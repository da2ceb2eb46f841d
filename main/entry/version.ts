/** Version of the program; the output hash is promised per version. */
export const VERSION = '0.1.0';
