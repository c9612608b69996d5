// SPDX-License-Identifier: MIT
// Writes the coverage of the process that runs a test file: vitest kills that process, and Node writes
// the coverage of a process only when it exits.
import { takeCoverage } from 'node:v8';
import { afterAll } from 'vitest';

afterAll(takeCoverage);
