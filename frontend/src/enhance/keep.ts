interface Policies {
  createPolicy(
    name: string,
    rules: { createScriptURL(url: string): string },
  ): { createScriptURL(url: string): string };
}

const WORKER = '/service-worker.js';

/** Pages that were read stay readable without network: see `src/service-worker/`. */
export function keepPages(): void {
  const { serviceWorker }: Partial<Navigator> = navigator;
  if (!serviceWorker) return;
  addEventListener('load', () => void start(serviceWorker).catch(() => {}));
}

async function start(container: ServiceWorkerContainer): Promise<void> {
  await container.register(trusted(WORKER));
  if (container.controller) return;
  // This page came before the worker, which is told what the browser has of it.
  const { active } = await container.ready;
  active?.postMessage([location.href, ...performance.getEntriesByType('resource').map(({ name }) => name)]);
}

/** The content policy takes the address of a script from a policy only; ours knows this one. */
function trusted(address: string): string {
  const { trustedTypes } = globalThis as { trustedTypes?: Policies };
  const policy = trustedTypes?.createPolicy('kermesse', { createScriptURL: () => WORKER });
  return policy ? policy.createScriptURL(address) : address;
}
