/** Mastra's workflows: without storage, and with its LibSQL store, which keeps them resumable. */
import { join } from 'node:path';
import { Mastra } from '@mastra/core';
import { createStep, createWorkflow } from '@mastra/core/workflows';
import * as z from 'zod';
import { payloadText } from './payload.mjs';

const schema = z.object({ value: z.any() });
const step = (id, value) =>
  createStep({ id, inputSchema: schema, outputSchema: schema, execute: async ({ inputData }) => ({ value: value(inputData.value) }) });
const add = (value) => value + 1;
const workflow = () => createWorkflow({ id: 'bench', inputSchema: schema, outputSchema: schema });

/** @param {'none' | 'libsql'} storage */
export function create(storage) {
  /** In a list, for a workflow has a method `then`: to await one is to add a step to it. */
  const registered = async (made, folder) => {
    if (storage === 'none') return [made];
    const { LibSQLStore } = await import('@mastra/libsql');
    const store = new LibSQLStore({ id: 'bench', url: `file:${join(folder, 'mastra.db')}` });
    await store.init();
    return [new Mastra({ workflows: { bench: made }, storage: store, logger: false }).getWorkflow('bench')];
  };
  const peer = {
    async measure(work, folder) {
      const { made, input, runs = 1 } = workflowOf(work);
      const [ready] = await registered(made, folder);
      const began = performance.now();
      await Promise.all(Array.from({ length: runs }, async () => succeeded(await (await ready.createRun()).start({ inputData: input }))));
      return performance.now() - began;
    },
    async cold() {
      await peer.measure({ kind: 'chain', nodes: 3 }, '');
    },
  };
  if (storage === 'none') return peer;
  const kept = (folder, passes) => {
    const rest = createStep({
      id: 'rest',
      inputSchema: schema,
      outputSchema: schema,
      resumeSchema: z.object({ go: z.boolean() }),
      execute: async ({ inputData, resumeData, suspend }) => (resumeData ? { value: inputData.value + 1 } : await suspend({})),
    });
    return registered(counting(passes).then(rest).commit(), folder);
  };
  return {
    ...peer,
    async prepare(folder, passes) {
      const [ready] = await kept(folder, passes);
      const { status } = await (await ready.createRun({ runId: 'kept' })).start({ inputData: { value: 0 } });
      if (status !== 'suspended') throw new Error(`it is ${status}`);
    },
    async resume(folder, passes) {
      const [ready] = await kept(folder, passes);
      const run = await ready.createRun({ runId: 'kept' });
      succeeded(await run.resume({ step: 'rest', resumeData: { go: true } }));
    },
  };
}

function succeeded(result) {
  if (result.status !== 'success') throw new Error(`it ended as ${result.status}: ${result.error?.message ?? ''}`);
}

function counting(passes) {
  return workflow().dountil(step('add', add), async ({ inputData }) => inputData.value >= passes);
}

function workflowOf(work) {
  switch (work.kind) {
    case 'chain':
      return { made: chain(work.nodes, add), input: { value: 0 } };
    case 'many':
      return { made: chain(work.nodes, add), input: { value: 0 }, runs: work.runs };
    case 'payload':
      return {
        made: chain(work.nodes, work.changed ? (value) => `${value}x` : (value) => value),
        input: { value: payloadText(work.bytes) },
      };
    case 'loop':
      return { made: counting(work.passes).commit(), input: { value: 0 } };
    case 'fan': {
      const branches = Array.from({ length: work.branches }, (_, i) => step(`b${i}`, add));
      const merge = createStep({
        id: 'merge',
        inputSchema: z.any(),
        outputSchema: schema,
        execute: async ({ inputData }) => ({ value: Object.keys(inputData).length }),
      });
      return { made: workflow().parallel(branches).then(merge).commit(), input: { value: 0 } };
    }
  }
}

function chain(nodes, value) {
  let made = workflow();
  for (let i = 0; i < nodes; i += 1) made = made.then(step(`n${i}`, value));
  return made.commit();
}
