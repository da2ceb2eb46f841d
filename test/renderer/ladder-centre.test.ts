import { describe, expect, test } from 'vitest';
import { insideSeen, LadderCentre } from '../../renderer/drawing/ladder-centre.ts';

const ROWS = 30;

describe('the centre of the ladder', () => {
  const centred = (): LadderCentre => {
    const centre = new LadderCentre();
    expect(centre.follow(1_000, ROWS, 0, false)).toBe(true);
    return centre;
  };

  test('waits for an inside, then keeps still while the inside is near', () => {
    const centre = new LadderCentre();
    expect(centre.follow(Number.NaN, ROWS, 0, false)).toBe(false);
    expect(centre.row).toBeNaN();
    centre.follow(1_000, ROWS, 0, false);
    expect(centre.follow(1_006, ROWS, 1, false)).toBe(false);
    expect(centre.row).toBe(1_000);
  });

  test('follows an inside that has wandered off while hand and keyboard rest', () => {
    const centre = centred();
    expect(centre.follow(1_007, ROWS, 1, false)).toBe(true);
    expect(centre.row).toBe(1_007);
  });

  test('never moves under the pointer, nor until two seconds after it left', () => {
    const centre = centred();
    centre.pointerEnters();
    expect(centre.follow(1_020, ROWS, 60_000, false)).toBe(false);
    centre.pointerLeaves(60_000);
    expect(centre.follow(1_020, ROWS, 62_000, false)).toBe(false);
    expect(centre.follow(1_020, ROWS, 62_001, false)).toBe(true);
  });

  test('never moves by itself while a key is held', () => {
    const centre = centred();
    expect(centre.follow(1_020, ROWS, 1, true)).toBe(false);
    expect(centre.follow(1_020, ROWS, 2, false)).toBe(true);
  });

  test('goes to the inside at once when asked, whatever the hand does', () => {
    const centre = centred();
    centre.pointerEnters();
    centre.scroll(-12);
    expect(centre.row).toBe(988);
    centre.recentre();
    expect(centre.follow(1_001, ROWS, 1, true)).toBe(true);
    expect(centre.row).toBe(1_001);
    expect(centre.follow(1_020, ROWS, 2, true)).toBe(false);
  });
});

describe('when rows stand for other prices', () => {
  test('the inside stays where it is on the screen', () => {
    const centre = new LadderCentre();
    centre.follow(1_000, ROWS, 0, false);
    centre.scroll(4);
    centre.regroup({ before: 1_000, now: 100 }, 0.1, ROWS);
    expect(centre.row).toBe(104);
    expect(centre.follow(100, ROWS, 1, true)).toBe(false);
  });

  test('the price in the middle stays there while the inside is out of sight', () => {
    const centre = new LadderCentre();
    centre.follow(1_000, ROWS, 0, false);
    centre.scroll(200);
    centre.regroup({ before: 1_000, now: 200 }, 0.2, ROWS);
    expect(centre.row).toBe(240);
  });
});

test('the inside is out of sight only when neither of its prices has a whole row', () => {
  expect(insideSeen(1_000, 1_001, 1_001, 30)).toBe('shown');
  expect(insideSeen(1_000, 1_001, 1_000, 30)).toBe('shown');
  expect(insideSeen(1_000, 1_001, 999, 30)).toBe('above');
  expect(insideSeen(1_000, 1_001, 1_030, 30)).toBe('shown');
  expect(insideSeen(1_000, 1_001, 1_031, 30)).toBe('below');
});
