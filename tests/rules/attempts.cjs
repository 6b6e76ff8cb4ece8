// Tries what stands on stdin with the Firebase client, under rules that stand there too, and answers what became of it.
//
// [{project, rules, documents: [path], attempts: [{who, operation, path}]}]  ->  [["allowed" | error code]]
//
// What concerns one document is tried in the order given.
'use strict';

const { readFileSync } = require('node:fs');
const { initializeTestEnvironment } = require('@firebase/rules-unit-testing');
const { setLogLevel } = require('firebase/firestore');

const EVERYBODY = {
  owner: (environment) => environment.authenticatedContext('owner'),
  // Claims make nobody an administrator.
  other: (environment) => environment.authenticatedContext('other', { admin: true, owner: 'owner' }),
  anonymous: (environment) => environment.unauthenticatedContext(),
};
const OPERATIONS = {
  get: (place) => place.get(),
  list: (place) => place.parent.get(),
  group: (place) => place.firestore.collectionGroup(place.parent.id).get(),
  create: (place, who) => place.parent.doc(`made-by-${who}`).set({ uid: who }),
  update: (place) => place.update({ changed: true }),
  delete: (place) => place.delete(),
};

async function outcome(database, { who, operation, path }) {
  try {
    await OPERATIONS[operation](database.doc(path), who);
    return 'allowed';
  } catch (error) {
    return error.code ?? String(error);
  }
}

async function outcomes({ project, rules, documents, attempts }) {
  const [host, port] = process.argv[2].split(':');
  const environment = await initializeTestEnvironment({
    projectId: project,
    firestore: { host, port: Number(port), rules },
  });
  const found = new Array(attempts.length);
  await environment.withSecurityRulesDisabled(async (context) => {
    const admin = context.firestore();
    await Promise.all(documents.map((path) => admin.doc(path).set({ uid: 'owner' })));
    const databases = { admin };
    for (const [who, signIn] of Object.entries(EVERYBODY)) databases[who] = signIn(environment).firestore();
    const tryAllAt = async (path) => {
      for (const [at, attempt] of attempts.entries()) {
        if (attempt.path === path) found[at] = await outcome(databases[attempt.who], attempt);
      }
    };
    await Promise.all(documents.map(tryAllAt));
  });
  await environment.cleanup();
  return found;
}

async function main() {
  setLogLevel('silent');
  const answers = [];
  for (const each of JSON.parse(readFileSync(0, 'utf8'))) answers.push(await outcomes(each));
  process.stdout.write(JSON.stringify(answers));
}

main().catch((error) => {
  console.error(error);
  process.exit(1);
});
