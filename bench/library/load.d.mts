export function load(options: {
  port: number;
  count: number;
  connections?: number;
  path?: (n: number) => string;
  body?: Buffer;
}): Promise<number[]>;
