// What a monitoring system asks a server, and the samples of Prometheus' text format in the answer.

import { get } from 'node:http';
import { expect } from 'vitest';

export interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

/** By a connection for this question alone. */
export function askServer(
  { url }: { readonly url: string },
  path: string,
  headers: Record<string, string> = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    get(url + path, { headers, agent: false }, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => {
        body += chunk;
      });
      response.on('end', () =>
        resolve({ status: response.statusCode ?? 0, type: response.headers['content-type'] ?? '', body }),
      );
    }).on('error', reject);
  });
}

/** Samples by name and labels. Fails on any line that is none of the text format's. */
export function samples(text: string): Map<string, number> {
  const found = new Map<string, number>();
  const typed = new Set<string>();
  for (const line of text.trimEnd().split('\n')) {
    const type = /^# TYPE ([a-z_]+) (counter|gauge|histogram)$/.exec(line);
    if (type?.[1] !== undefined) typed.add(type[1]);
    if (line.startsWith('# ')) continue;
    const [, name, labels = '', value] = /^([a-z_]+)(\{[a-z_]+="[^"]*"\})? ([0-9.e+-]+)$/.exec(line) ?? [];
    expect(name, `no sample: ${line}`).toBeDefined();
    expect(
      [...typed].some((one) => name?.startsWith(one)),
      `no TYPE before ${line}`,
    ).toBe(true);
    found.set(`${name}${labels}`, Number(value));
  }
  return found;
}
