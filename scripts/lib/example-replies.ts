/** What the models say in the examples. Every reply is written by hand; the recordings say so. */
import type { Json } from '../../src/engine/format/json.ts';

export interface Scene {
  /** What the run is given; the rest is as the flow has it by default. */
  inputs: Record<string, Json>;
  /** The reply to the first request in which each of the words stand; a value goes out as JSON, a `Use` as the call of a tool. */
  replies: [words: string[], reply: Json][];
}

/** What an agent wants to be done. */
export interface Use {
  use: string;
  arguments: Record<string, Json>;
}

export function isUse(reply: Json): reply is Use & Record<string, Json> {
  return typeof reply === 'object' && reply !== null && !Array.isArray(reply) && typeof reply.use === 'string';
}

/** Lacks "Upgrade notes", so that the sample shows a check that fails and is mended. */
const FIRST_DRAFT = `# Switchback 2.4.0

## Highlights
- **Take whole regions with you.** Download a region before you leave, elevation included, and forget about the signal. (#418)
- **Share a route with anyone.** Send a planned route as a link; it opens without an account. (#431)

## Improvements
- The map opens where you left it. (#402)
- A day of recording costs about a third less battery: while you walk, your position is taken every five seconds. (#427)

## Fixes
- Elevation gain is no longer counted twice on out-and-back routes. (#409)
- GPX files with spaces in their names can be imported. (#422)
- Adding a photo without a location to a track no longer closes the app. (#436)`;

const SECOND_DRAFT = `${FIRST_DRAFT}

## Upgrade notes
- Route files of version 1 are no longer read. Open and save them once in version 2.3 before you update. (#415)`;

/** By the name of the flow. */
export const SCENES: Readonly<Record<string, Scene[]>> = {
  'release-notes': [
    {
      inputs: {},
      replies: [
        [['Write the release notes'], FIRST_DRAFT],
        [['are not complete'], SECOND_DRAFT],
      ],
    },
  ],

  research: [
    {
      inputs: {},
      replies: [
        [
          ['these reviews'],
          { findings: ['Recording drains the battery so quickly that a reviewer gave it up: it "empties my battery by noon" (r101).'] },
        ],
        [
          ['this thread'],
          {
            findings: [
              'Two members switch recording off after lunch because of the battery ("at 30 % by then, every time").',
              'Two lose tracks to the question "Save this track?", which a glove answers with no.',
            ],
          },
        ],
        [
          ['monthly figures'],
          {
            findings: [
              'In July to September 2026, 12,175 of 54,057 recordings ended with less than 20 % of battery left.',
              'In the same months 3,669 recordings were thrown away within the first minute.',
            ],
          },
        ],
        [
          ['Behind every statement'],
          'Most of all it is the battery: people say that a day of recording empties it by noon [reviews] and switch it off after lunch [forum], and almost a quarter of all recordings end below 20 % [usage]. Others do not stop at all but lose what they recorded, because a glove answers "Save this track?" with no [forum].',
        ],
      ],
    },
  ],

  vote: [
    {
      inputs: {},
      replies: [
        [['on call'], { severity: 'blocker', reason: 'Notes of two days are lost, and it happens every time.' }],
        [['wrote the code'], { severity: 'blocker', reason: 'A crash while a track is written can damage the whole file.' }],
        [['every weekend'], { severity: 'blocker', reason: 'I would not dare to add a photo on a tour any more.' }],
      ],
    },
    {
      inputs: { report: 'The photo I add to a track is shown upside down until I open the track again.' },
      replies: [
        [['on call'], { severity: 'minor', reason: 'Nothing is lost, and opening the track again helps.' }],
        [['wrote the code'], { severity: 'major', reason: 'The orientation is read wrongly, so exported tracks may be wrong, too.' }],
        [['every weekend'], { severity: 'blocker', reason: 'I take hundreds of photos.' }],
      ],
    },
  ],

  ask: [
    {
      inputs: {},
      // The last turn first: what was said before still stands in the conversation.
      replies: [
        [
          ['without an account.', 'Moving to another phone'],
          {
            answer: 'No. Whoever gets the link opens it in a browser, without an account.',
            quote: 'Open the route, tap *Share*: the link opens in any browser, without an account.',
            source: 'data/manual.md',
          },
        ],
        [['data/manual.md:5'], { use: 'files_read', arguments: { path: 'data/manual.md', line: 3, lines: 4 } }],
        [['need an account?'], { use: 'files_search', arguments: { text: 'account', path: 'data', files: '*.md' } }],
      ],
    },
  ],
  improve: [
    {
      inputs: {},
      replies: [
        [
          ['Write one sentence'],
          'Going where there is no signal? Take whole regions with you, elevation included, and never get lost again!',
        ],
        [['never get lost again!'], 'No signal? No problem: take whole regions with you, elevation and all the paths included.'],
        [['No problem'], 'Take whole regions with you: maps that work where the signal does not.'],
      ],
    },
    {
      // What a model does that does not count: the flow ends by "exhausted".
      inputs: { limit: 30 },
      replies: [
        [['Write one sentence'], 'Take whole regions with you: maps that work where the signal does not.'],
        [['maps that work where'], 'Take whole regions with you, even without a signal.'],
        [['even without'], 'Whole regions, even where there is no signal.'],
        [['Whole regions, even'], 'Whole regions, without a signal.'],
      ],
    },
  ],

  triage: [
    {
      inputs: {},
      replies: [
        [['Is it a bug'], { kind: 'bug' }],
        [
          ['Take the facts'],
          { title: 'App closes when a photo is added', steps: ['Open a track.', 'Add a photo to it.'], device: 'Pixel 9' },
        ],
      ],
    },
    {
      inputs: { ticket: 'Hello, I get a new phone on Friday. How do I take my tracks along? Jan' },
      replies: [
        [['Is it a bug'], { kind: 'question' }],
        [
          ['Does the manual'],
          {
            covered: true,
            reply:
              'Hello Jan, on your old phone open Settings, Backup, and tap "Save to file". On the new one tap "Restore" in the same place: tracks, photos and regions come along. Enjoy your new phone!',
          },
        ],
      ],
    },
    {
      inputs: { ticket: 'Hi, can Switchback show avalanche warnings on the map? Tove' },
      replies: [
        [['Is it a bug'], { kind: 'question' }],
        [['Does the manual'], { covered: false, reply: '' }],
      ],
    },
    {
      inputs: { ticket: 'Dear team, we are a hiking club with 300 members. Shall we talk about a partnership? Old Boots' },
      replies: [[['Is it a bug'], { kind: 'other' }]],
    },
  ],

  digest: [
    {
      inputs: {},
      replies: [
        [['empties my battery'], { topic: 'battery', quote: "recording a day's hike empties my battery by noon" }],
        [['the whole valley'], { topic: 'maps', quote: 'Not a bar of signal all week, and we never got lost.' }],
        // Not what the review says, letter by letter: this one is not believed.
        [['closes itself'], { topic: 'stability', quote: 'It crashes whenever I add a photo.' }],
        [['my brother'], { topic: 'sharing', quote: 'Now please let us plan together.' }],
      ],
    },
  ],
};
