import { describe, expect, test } from 'vitest';
import {
  cramReply,
  gatewayAddress,
  loginLine,
  parseGatewayLine,
  shownText,
  subscriptionLines,
} from '../../../main/feeds/databento/live-handshake.ts';
import { haveFixtures, readFixture } from '../../fixtures.ts';

describe.skipIf(!haveFixtures)('against the lines of the public client', () => {
  const expected = JSON.parse(
    Buffer.from(readFixture('databento/expected/databento_python_expected.json')).toString('utf8'),
  ) as {
    live_cram: { challenge: string; key: string; expected: string };
    live_gateway_lines: { serialize: string[]; parse_ok: string[] };
  };

  test('a challenge is answered as in its test', () => {
    const { challenge, key, expected: reply } = expected.live_cram;
    expect(cramReply(challenge, key)).toBe(reply);
  });

  test('login lines are the same to the byte', () => {
    const [plain, beating, zstd] = expected.live_gateway_lines.serialize;
    expect(loginLine('abcd1234', { dataset: 'GLBX.MDP3', client: 'unittest' })).toBe(plain);
    const terms = { dataset: 'XNAS.ITCH', client: 'unittest', tsOut: true, heartbeatS: 35 };
    expect(loginLine('abcd1234', terms)).toBe(beating);
    expect(loginLine('abc', { dataset: 'OPRA.PILLAR', client: 'Databento', compression: 'zstd' })).toBe(zstd);
  });

  test('its lines are understood', () => {
    const lines = expected.live_gateway_lines.parse_ok.map((line) => parseGatewayLine(line.trimEnd()));
    expect(lines).toEqual([
      { kind: 'success', sessionId: '1234' },
      { kind: 'failure', error: '' },
      { kind: 'challenge', challenge: 'abcdefghijk' },
    ]);
  });
});

test('greeting, refusal and noise are told apart', () => {
  expect(parseGatewayLine('lsg_version=0.6.0')).toEqual({ kind: 'greeting', version: '0.6.0' });
  expect(parseGatewayLine('success=0|error=a=b')).toEqual({ kind: 'failure', error: 'a=b' });
  expect(parseGatewayLine('HTTP/1.1 400 Bad Request')).toEqual({ kind: 'unknown', keys: ['HTTP/1.1 400 Bad Request'] });
  expect(parseGatewayLine('cram=')).toEqual({ kind: 'unknown', keys: ['cram'] });
});

test('a subscription of 1,001 symbols goes out in three lines of one id, the last marked', () => {
  const symbols = Array.from({ length: 1_001 }, (_, index) => `S${index}`);
  const lines = subscriptionLines({ schema: 'mbp-10', stypeIn: 'raw_symbol', symbols, id: 7, startNs: 5n });
  expect(lines.map((line) => line.split('symbols=')[1]!.split('|')[0]!.split(',').length)).toEqual([500, 500, 1]);
  expect(lines[0]).toMatch(
    /^schema=mbp-10\|stype_in=raw_symbol\|symbols=S0,.*\|start=5\|id=7\|snapshot=0\|is_last=0\n$/,
  );
  expect(lines[2]).toBe('schema=mbp-10|stype_in=raw_symbol|symbols=S1000|start=5|id=7|snapshot=0|is_last=1\n');
});

test('addresses: by dataset, or as set', () => {
  expect(gatewayAddress('GLBX.MDP3', undefined)).toEqual({ host: 'glbx-mdp3.lsg.databento.com', port: 13_000 });
  expect(gatewayAddress('GLBX.MDP3', 'tcp://127.0.0.1:4000')).toEqual({ host: '127.0.0.1', port: 4000 });
  expect(gatewayAddress('GLBX.MDP3', 'tcp://[::1]:4000')).toEqual({ host: '::1', port: 4000 });
  for (const url of ['http://host:1', 'tcp://', 'tcp://host:70000', 'tcp://host:0']) {
    expect(() => gatewayAddress('GLBX.MDP3', url)).toThrow('tcp://host:port');
  }
});

test('a text that is shown holds neither key nor answer nor control characters', () => {
  const key = 'db-unittestapikey1234567890FFFFF';
  const reply = cramReply('abcd1234', key);
  const shown = shownText(`bad\u0007 key ${key} in auth=${reply}|x, or db-anotherone12`, key);
  expect(shown).toBe('bad key … in auth=…|x, or …');
  expect(shownText('x'.repeat(500), key)).toHaveLength(200);
});
