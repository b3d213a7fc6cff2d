/** Node-RED's runtime without its editor: messages through function nodes. It keeps nothing of them, so there is nothing to resume. */
import { EventEmitter } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { payloadText } from './payload.mjs';

const require = createRequire(import.meta.url);
const runtime = require('@node-red/runtime');
const util = require('@node-red/util');

export function create() {
  return {
    async measure(work) {
      const { flow, payload, runs = 1, ends = runs } = flowOf(work);
      const { send, stop } = await deployed(flow, ends);
      const began = performance.now();
      await send(payload, runs);
      const ms = performance.now() - began;
      await stop();
      return ms;
    },
    async cold() {
      const { send } = await deployed(chain(3, ADD), 1);
      await send(0, 1);
    },
  };
}

const ADD = 'msg.payload = msg.payload + 1; return msg;';

/** Without a place on the canvas it would be taken for a configuration. */
const functionNode = (id, func, wires, outputs = 1) => ({
  id,
  z: 'tab',
  x: 0,
  y: 0,
  type: 'function',
  name: id,
  func,
  outputs,
  wires,
  libs: [],
});

/** Tells the bench that a message has arrived at the end. */
const last = () => functionNode('end', "global.get('ends').emit('end', msg); return null;", [[]]);

function flowOf(work) {
  switch (work.kind) {
    case 'chain':
      return { flow: chain(work.nodes, ADD), payload: 0 };
    case 'many':
      return { flow: chain(work.nodes, ADD), payload: 0, runs: work.runs };
    case 'payload':
      return {
        flow: chain(work.nodes, work.changed ? "msg.payload = msg.payload + 'x'; return msg;" : 'return msg;'),
        payload: payloadText(work.bytes),
      };
    case 'loop': {
      const again = `msg.payload = msg.payload + 1; return msg.payload < ${work.passes} ? [msg, null] : [null, msg];`;
      return { flow: [functionNode('n0', again, [['n0'], ['end']], 2), last()], payload: 0 };
    }
    case 'fan': {
      const branches = Array.from({ length: work.branches }, (_, i) => functionNode(`b${i}`, ADD, [['merge']]));
      const count = `const n = (context.get('n') || 0) + 1; context.set('n', n); return n === ${work.branches} ? msg : null;`;
      return {
        flow: [
          functionNode('n0', 'return msg;', [branches.map(({ id }) => id)]),
          ...branches,
          functionNode('merge', count, [['end']]),
          last(),
        ],
        payload: 0,
      };
    }
  }
}

function chain(nodes, func) {
  const made = Array.from({ length: nodes }, (_, i) => functionNode(`n${i}`, func, [[i === nodes - 1 ? 'end' : `n${i + 1}`]]));
  return [...made, last()];
}

const ends = new EventEmitter();
/** @type {Promise<void> | undefined} */
let started;

/** The runtime is one for the process: further flows replace the ones before. */
async function deployed(flow, wanted) {
  const flows = [{ id: 'tab', type: 'tab', label: 'bench' }, ...flow];
  if (started === undefined) {
    const storage = memoryStorage(flows);
    const settings = {
      uiPort: 0,
      disableEditor: true,
      httpAdminRoot: false,
      httpNodeRoot: false,
      userDir: mkdtempSync(join(tmpdir(), 'node-red-')),
      coreNodesDir: dirname(require.resolve('@node-red/nodes/package.json')),
      functionGlobalContext: { ends },
      logging: { console: { level: 'off' } },
      telemetry: { enabled: false, updateNotification: false },
      storageModule: storage,
    };
    const running = new Promise((resolve) => util.events.once('flows:started', resolve));
    util.init(settings);
    runtime.init(settings, createServer(), undefined);
    started = runtime.start().then(() => running);
    await started;
  } else {
    const running = new Promise((resolve) => util.events.once('flows:started', resolve));
    await runtime.flows.setFlows({ flows: { flows }, deploymentType: 'full' });
    await running;
  }
  return {
    async send(payload, runs) {
      let left = wanted;
      const done = new Promise((resolve) => {
        ends.on('end', () => {
          left -= 1;
          if (left === 0) resolve(undefined);
        });
      });
      const first = runtime._.nodes.getNode('n0');
      for (let i = 0; i < runs; i += 1) first.receive({ payload });
      await done;
    },
    async stop() {
      ends.removeAllListeners();
    },
  };
}

function memoryStorage(flows) {
  let kept = { flows, rev: 'bench', credentials: {} };
  return {
    init: async () => {},
    getFlows: async () => kept.flows,
    saveFlows: async (next) => {
      kept = { ...kept, flows: next };
    },
    getCredentials: async () => ({}),
    saveCredentials: async () => {},
    getSettings: async () => ({}),
    saveSettings: async () => {},
    getSessions: async () => ({}),
    saveSessions: async () => {},
    getLibraryEntry: async () => [],
    saveLibraryEntry: async () => {},
  };
}
