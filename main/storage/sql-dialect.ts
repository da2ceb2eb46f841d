import { type ColumnDefinitionBuilder, type RawBuilder, sql } from 'kysely';

/** Where the two databases differ in how a table is made. Everything else of a migration is the same for both. */
export interface SqlDialect {
  readonly name: 'sqlite' | 'postgres';
  /** Type of whole numbers of 64 bits. */
  readonly whole: 'integer' | 'bigint';
  /** Type of floating-point numbers of 64 bits. */
  readonly decimal: 'real' | 'double precision';
  /** Makes a whole-number column the key, which the database numbers. */
  readonly numbered: (column: ColumnDefinitionBuilder) => ColumnDefinitionBuilder;
  /** What stands behind the columns of a table. */
  readonly tableEnd: RawBuilder<unknown>;
  /** The same for a table whose rows lie in the order of its key, where that can be had. */
  readonly keyOrderedEnd: RawBuilder<unknown>;
}

export const SQLITE: SqlDialect = {
  name: 'sqlite',
  whole: 'integer',
  decimal: 'real',
  numbered: (column) => column.primaryKey(),
  tableEnd: sql`strict`,
  keyOrderedEnd: sql`strict, without rowid`,
};

export const POSTGRES: SqlDialect = {
  name: 'postgres',
  whole: 'bigint',
  decimal: 'double precision',
  numbered: (column) => column.primaryKey().generatedByDefaultAsIdentity(),
  tableEnd: sql``,
  keyOrderedEnd: sql``,
};
