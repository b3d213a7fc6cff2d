/** What each built node type does, by type. */
import { agentExecutor } from './agent/executor.ts';
import { approvalExecutor } from './approval/executor.ts';
import { branchExecutor } from './branch/executor.ts';
import { commandExecutor } from './command/executor.ts';
import { eachExecutor } from './each/executor.ts';
import { endExecutor } from './end/executor.ts';
import type { NodeExecutor } from './executor.ts';
import { fileExecutor } from './file/executor.ts';
import { flowExecutor } from './flow/executor.ts';
import { httpExecutor } from './http/executor.ts';
import { loopExecutor } from './loop/executor.ts';
import { promptExecutor } from './prompt/executor.ts';
import { stateExecutor } from './state/executor.ts';
import { templateExecutor } from './template/executor.ts';
import { toolExecutor } from './tool/executor.ts';
import { transformExecutor } from './transform/executor.ts';
import { validateExecutor } from './validate/executor.ts';
import { waitExecutor } from './wait/executor.ts';

export const executors: ReadonlyMap<string, NodeExecutor> = new Map(
  [
    promptExecutor,
    agentExecutor,
    templateExecutor,
    transformExecutor,
    validateExecutor,
    stateExecutor,
    branchExecutor,
    waitExecutor,
    loopExecutor,
    eachExecutor,
    flowExecutor,
    endExecutor,
    approvalExecutor,
    commandExecutor,
    fileExecutor,
    httpExecutor,
    toolExecutor,
  ].map((it) => [it.type, it]),
);
