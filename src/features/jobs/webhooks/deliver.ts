import { faultOf, type Receipt, retryAfterMs, type Sender } from './sender.ts';
import { webhookHeaders } from './signature.ts';
import type { Claim } from './store.ts';
import { addressesOf, parseTarget, type Resolver, type TargetRules } from './target.ts';
import type { DeliveryFault } from './types.ts';

/** The dependencies of an attempt. */
export interface DeliveryTransport {
  readonly sender: Sender;
  readonly resolve: Resolver;
  readonly rules: TargetRules;
  /** The signing secrets of an owner. */
  readonly signers: (owner: string) => Promise<readonly string[]>;
  readonly now: () => number;
  /** ms that an attempt may take, from resolving the name to the end of the answer. */
  readonly timeoutMs: number;
}

/** The result of an attempt; without a fault it was delivered. */
export interface Attempt {
  readonly fault?: DeliveryFault;
  readonly status?: number;
  /** ms of the receiver's Retry-After. */
  readonly retryAfterMs?: number;
}

/** Makes one attempt. Never throws because of the receiver. */
export async function attemptDelivery(claim: Claim, transport: DeliveryTransport): Promise<Attempt> {
  const { rules, resolve, now, sender } = transport;
  const secrets = await transport.signers(claim.owner);
  if (secrets.length === 0) return { fault: 'no_secret' };
  let url: URL;
  try {
    // Check again, because the rules may have changed since the job was created.
    url = parseTarget(claim.url, rules);
  } catch {
    return { fault: 'forbidden_target' };
  }
  const signal = AbortSignal.timeout(transport.timeoutMs);
  const addresses = await beforeAbort(addressesOf(url, resolve, rules), signal).catch(
    () => 'unresolved' as const,
  );
  if (typeof addresses === 'string') return { fault: signal.aborted ? 'timeout' : addresses };
  const headers = webhookHeaders({ id: claim.id, now: now(), body: claim.body }, secrets);
  let receipt: Receipt;
  try {
    receipt = await sender({ url, headers, body: claim.body, addresses, signal });
  } catch {
    return { fault: signal.aborted ? 'timeout' : 'unreachable' };
  }
  const { status, retryAfter } = receipt;
  const fault = faultOf(status);
  return fault ? { fault, status, retryAfterMs: retryAfterMs(retryAfter, now()) } : { status };
}

/** Returns `work`, or rejects once `signal` aborts, for work that ignores signals. */
function beforeAbort<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise<T>((done, fail) => {
    const abort = () => fail(signal.reason);
    signal.addEventListener('abort', abort, { once: true });
    if (signal.aborted) abort();
    work.then(done, fail).finally(() => signal.removeEventListener('abort', abort));
  });
}
