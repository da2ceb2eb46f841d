import type { Client } from 'pg';

const NOTE = `insert into batches (writer, last) values ($1, $2)
  on conflict (writer) do update set last = excluded.last where batches.last < excluded.last`;

/** Notes a batch in its transaction; false when it, or a later one of its writer, was noted before. */
export async function noteBatch(client: Client, writer: unknown, last: unknown): Promise<boolean> {
  const { rowCount } = await client.query({ name: 'note', text: NOTE, values: [writer, last] });
  return rowCount !== 0;
}
