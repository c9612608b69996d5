// SPDX-License-Identifier: MIT
export const kinds: Readonly<Record<string, ((i: number) => unknown) & { units?: number }>>;
