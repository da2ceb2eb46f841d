/** A property of an iCalendar object: `DTSTART;TZID=Europe/Berlin:20251107T143000`. */
export interface Property {
  readonly line: number;
  readonly name: string;
  readonly parameters: ReadonlyMap<string, string>;
  /** As written, escapes and all. */
  readonly value: string;
}

/** A component with its direct properties. */
export interface Component {
  readonly name: string;
  /** Line of its BEGIN, counted from 1. */
  readonly line: number;
  readonly properties: readonly Property[];
  /** Whether its END was there. */
  readonly whole: boolean;
}

const CONTENT_LINE = /^([A-Za-z0-9-]+)((?:;[A-Za-z0-9-]+=(?:"[^"]*"|[^";:,]*)(?:,(?:"[^"]*"|[^";:,]*))*)*):(.*)$/s;
const PARAMETER = /;([A-Za-z0-9-]+)=("[^"]*"|[^;]*)/g;

/** Components of a stream in the order of their beginnings, and the numbers of lines that are no property (RFC 5545, 3.1). */
export function componentsOf(text: string): { components: Component[]; strayLines: number[] } {
  const components: { name: string; line: number; properties: Property[]; whole: boolean }[] = [];
  const open: { name: string; line: number; properties: Property[]; whole: boolean }[] = [];
  const strayLines: number[] = [];
  for (const { line, content } of unfolded(text)) {
    const match = CONTENT_LINE.exec(content);
    if (match === null) {
      strayLines.push(line);
      continue;
    }
    const name = match[1]!.toUpperCase();
    const value = match[3]!;
    if (name === 'BEGIN') {
      const component = { name: value.trim().toUpperCase(), line, properties: [], whole: false };
      components.push(component);
      open.push(component);
    } else if (name === 'END') {
      const ended = open.findLastIndex((component) => component.name === value.trim().toUpperCase());
      if (ended < 0) strayLines.push(line);
      else {
        open[ended]!.whole = true;
        open.length = ended;
      }
    } else {
      const parameters = new Map(
        Array.from(match[2]!.matchAll(PARAMETER), ([, key, text]) => [key!.toUpperCase(), text!.replaceAll('"', '')]),
      );
      open.at(-1)?.properties.push({ line, name, parameters, value });
    }
  }
  return { components, strayLines };
}

/** Text of a TEXT value. */
export function textOf(value: string): string {
  return value
    .replace(/\\([\\;,nN])/g, (_, letter: string) => (letter === 'n' || letter === 'N' ? '\n' : letter))
    .trim();
}

/** Content lines with folds taken back: a line that begins with a space or tab goes on with the one before. */
function unfolded(text: string): { line: number; content: string }[] {
  const lines: { line: number; content: string }[] = [];
  for (const [index, raw] of text.split(/\r\n|\n|\r/).entries()) {
    const previous = lines.at(-1);
    if (/^[ \t]/.test(raw) && previous !== undefined) previous.content += raw.slice(1);
    else if (raw !== '') lines.push({ line: index + 1, content: raw });
  }
  return lines;
}
