import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ClientSession, type ClientTransport } from '../../../main/core/publisher/client-session.ts';
import { CommandDesk } from '../../../main/core/publisher/command-desk.ts';
import { type CommandHandler, CommandRefusal } from '../../../main/core/publisher/command-refusal.ts';
import { FrameAssembler } from '../../../main/core/publisher/frame-assembler.ts';
import { TopicBoard } from '../../../main/core/publisher/topic-board.ts';
import { SECTION, type Section, TRADES_KEPT } from '../../../shared/contract/frames.ts';
import { type ClientMessage, PROTOCOL_VERSION, type ServerMessage } from '../../../shared/contract/messages.ts';
import type { MarkerRow } from '../../../shared/contract/topics.ts';
import { BusyEngine } from './busy-engine.ts';
import { ClientReplica, sectionsOf } from './client-replica.ts';

/** A client and its session, joined by a line that delivers at once. */
class JoinedClient implements ClientTransport {
  readonly board = new TopicBoard();
  readonly busy = new BusyEngine();
  readonly replica = new ClientReplica();
  readonly frames: { readonly sequence: number; readonly sections: Section[] }[] = [];
  readonly session: ClientSession;
  texts = 0;
  ended: { readonly code: number; readonly reason: string } | undefined;

  constructor(handler: CommandHandler = () => null) {
    this.board.defineTable('markers', 5);
    this.session = new ClientSession(
      {
        board: this.board,
        assembler: new FrameAssembler(this.busy.view),
        desk: new CommandDesk(handler),
        engineId: 'E1',
      },
      this,
    );
  }

  sendText(text: string): void {
    this.texts++;
    this.replica.take(JSON.parse(text) as ServerMessage);
  }

  sendBinary(bytes: Uint8Array<ArrayBuffer>): void {
    this.frames.push(sectionsOf(bytes));
  }

  close(code: number, reason: string): void {
    this.ended = { code, reason };
  }

  say(message: ClientMessage): void {
    this.session.receive(JSON.stringify(message));
  }

  hello(): this {
    this.say({ kind: 'hello', protocol: PROTOCOL_VERSION });
    return this;
  }

  ackAll(): void {
    const last = this.frames.at(-1);
    if (last !== undefined) this.say({ kind: 'ack', frame: last.sequence });
  }
}

function marker(id: number, ticks: number): MarkerRow {
  return { id: `M${id}`, market: 0, kind: 'signal', side: 'buy', ticks, atUs: 1, words: 'seen' };
}

const step = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('upsert' as const), id: fc.nat(9), ticks: fc.nat(3) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant('remove' as const), id: fc.nat(9) }) },
  { weight: 4, arbitrary: fc.record({ do: fc.constant('trade' as const), lots: fc.integer({ min: 1, max: 9 }) }) },
  { weight: 6, arbitrary: fc.record({ do: fc.constant('flush' as const) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant('ack' as const) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('again' as const) }) },
);

describe('client session', () => {
  test('whatever the order of updates, flushes, acks and subscriptions, the client ends with the board', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 120 }), (steps) => {
        const client = new JoinedClient().hello();
        const subscribe = () => client.say({ kind: 'subscribe', topics: ['markers', 'trades:0', 'depth:0'] });
        subscribe();
        let lots = 0;
        for (const at of steps) {
          if (at.do === 'upsert') client.board.upsert('markers', marker(at.id, at.ticks));
          else if (at.do === 'remove') client.board.remove('markers', `M${at.id}`);
          else if (at.do === 'trade') {
            client.busy.trade(10, 0, at.lots, 1);
            lots += at.lots;
          } else if (at.do === 'flush') client.session.flush();
          else if (at.do === 'ack') client.ackAll();
          else subscribe();
          expect(client.session.unacknowledged).toBeLessThanOrEqual(2);
        }
        client.ackAll();
        client.session.flush();
        expect(client.replica.rows('markers')).toEqual(client.board.rows('markers'));
        expect(tradedLots(client.frames.flatMap((frame) => frame.sections))).toBe(lots);
      }),
      { numRuns: 200 },
    );
  });

  test('texts are under the same credit as frames', () => {
    const client = new JoinedClient().hello();
    client.say({ kind: 'subscribe', topics: ['markers'] });
    for (let i = 0; i < 10; i++) {
      client.board.upsert('markers', marker(i, 1));
      client.session.flush();
    }
    expect(client.frames.map((frame) => frame.sequence)).toEqual([1, 2]);
    expect(client.texts).toBe(3);
    client.say({ kind: 'ack', frame: 1 });
    expect(client.session.flush()).toBe(true);
    expect(client.session.flush()).toBe(false);
    expect(client.replica.rows('markers')).toEqual(client.board.rows('markers'));
  });

  test('nothing is sent while nothing changes', () => {
    const client = new JoinedClient().hello();
    client.say({ kind: 'subscribe', topics: ['markers', 'account', 'depth:0', 'depth:9'] });
    expect(client.session.flush()).toBe(true);
    client.ackAll();
    expect(client.session.flush()).toBe(false);
  });

  test('a frozen client is sent nothing, and wakes to the latest state with what it missed counted', () => {
    const client = new JoinedClient().hello();
    client.say({
      kind: 'subscribe',
      topics: ['markers', 'trades:0', 'columns:0', 'features:0', 'ladder:0', 'depth:0'],
    });
    client.session.flush();
    client.busy.book(1, 0, 9);
    client.session.flush();
    const sent = client.frames.length;
    for (let i = 0; i < 60_000; i++) {
      client.busy.trade(20_000, i % 3, 1, 1);
      client.board.upsert('markers', marker(i, i));
      if (i % 10 === 0) expect(client.session.flush()).toBe(false);
    }
    expect(client.frames.length).toBe(sent);
    client.ackAll();
    client.session.flush();
    const { sections } = client.frames.at(-1)!;
    const of = (kind: number) => sections.find((section) => section.kind === kind)!;
    expect(of(SECTION.trades)).toMatchObject({ rows: TRADES_KEPT, skipped: 60_000 - TRADES_KEPT, snapshot: false });
    expect(of(SECTION.columns)).toMatchObject({ rows: 2_400, snapshot: true });
    expect(of(SECTION.depth).values[6]).toBe(60_001);
    expect(client.replica.rows('markers')).toEqual(client.board.rows('markers'));
  });

  test('a topic subscribed again starts with a snapshot of what is kept', () => {
    const client = new JoinedClient().hello();
    client.busy.trade(1, 0, 3, -1);
    client.say({ kind: 'subscribe', topics: ['trades:0'] });
    client.session.flush();
    client.say({ kind: 'unsubscribe', topics: ['trades:0'] });
    client.say({ kind: 'subscribe', topics: ['trades:0'] });
    client.session.flush();
    const [first, second] = client.frames.map((frame) => frame.sections[0]!);
    expect(second).toEqual(first);
    expect(second!.snapshot).toBe(true);
  });

  test('messages that are none of the contract end the session with a reason', () => {
    const rubbish = [
      '',
      '{',
      'null',
      '{"kind":"dance"}',
      '{"kind":"ack","frame":-1}',
      '{"kind":"hello","protocol":1,"x":1}',
    ];
    for (const text of rubbish) {
      const client = new JoinedClient().hello();
      client.session.receive(text);
      expect(client.ended?.code).toBe(1002);
      client.say({ kind: 'subscribe', topics: ['markers'] });
      expect(client.session.flush()).toBe(false);
    }
  });

  test('order and bounds are kept: hello first, no ack of the future, a limit of topics', () => {
    const early = new JoinedClient();
    early.say({ kind: 'subscribe', topics: ['markers'] });
    expect(early.ended?.reason).toContain('before hello');
    const future = new JoinedClient().hello();
    future.say({ kind: 'ack', frame: 3 });
    expect(future.ended?.reason).toContain('frame 3');
    const greedy = new JoinedClient().hello();
    for (let i = 0; i < 3; i++) {
      greedy.say({ kind: 'subscribe', topics: Array.from({ length: 200 }, (_, n) => `bars:${i * 200 + n}`) });
    }
    expect(greedy.ended?.reason).toContain('500');
    const other = new JoinedClient();
    other.say({ kind: 'hello', protocol: 99 });
    expect(other.replica.welcomes).toBe(1);
    expect(other.ended?.reason).toContain('reload');
  });

  test('commands are checked, carried out once per id, and answered with value, refusal or failure', async () => {
    const seen: unknown[] = [];
    const client = new JoinedClient((name, params, id) => {
      seen.push([name, params, id]);
      if (name === 'flatten') throw new CommandRefusal('refused', 'Nothing is open.');
      if (name === 'replayPlay') throw new Error('the disk is full');
      return Promise.resolve({ done: true });
    }).hello();
    client.say({ kind: 'command', id: 'command-1', name: 'arm', params: { armed: true } });
    client.say({ kind: 'command', id: 'command-1', name: 'arm', params: { armed: true } });
    client.say({ kind: 'command', id: 'command-2', name: 'flatten', params: {} });
    client.say({ kind: 'command', id: 'command-3', name: 'replayPlay', params: {} });
    client.say({ kind: 'command', id: 'command-4', name: 'arm', params: { armed: 'yes' } });
    client.say({ kind: 'command', id: 'command-5', name: 'constructor', params: {} });
    await new Promise(setImmediate);
    expect(seen).toEqual([
      ['arm', { armed: true }, 'command-1'],
      ['flatten', {}, 'command-2'],
      ['replayPlay', {}, 'command-3'],
    ]);
    const answers = client.replica.results.map((result) => [result.id, result.ok ? result.value : result.code]);
    expect(answers.sort()).toEqual([
      ['command-1', { done: true }],
      ['command-1', { done: true }],
      ['command-2', 'refused'],
      ['command-3', 'failed'],
      ['command-4', 'invalid'],
      ['command-5', 'unknown-command'],
    ]);
  });

  test('a duplicate that comes while the command still runs gets the same answer', async () => {
    let finish = (_value: string): void => undefined;
    let calls = 0;
    const handler: CommandHandler = () => {
      calls++;
      return new Promise((resolve) => {
        finish = resolve;
      });
    };
    const desk = new CommandDesk(handler);
    const first = desk.answer('command-1', 'replayPlay', {});
    const second = desk.answer('command-1', 'replayPlay', {});
    finish('played');
    expect(await second).toEqual(await first);
    expect(calls).toBe(1);
  });
});

/** Lots of the client's tape: the latest snapshot and what followed. */
function tradedLots(sections: readonly Section[]): number {
  let lots = 0;
  for (const section of sections) {
    if (section.kind !== SECTION.trades) continue;
    if (section.snapshot) lots = 0;
    for (let row = 0; row < section.rows; row++) lots += section.values[row * section.width + 3]!;
  }
  return lots;
}
