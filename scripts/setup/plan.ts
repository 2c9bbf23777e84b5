/** Why the free plan of Cloudflare is not enough. */
export const PLAN = `Sori needs the plan Workers Paid ($5 a month, and usage):
  processor time    speech takes tens to thousands of milliseconds a request; the free plan allows 10
  Durable Objects   each job is one, and computes for minutes
  script size       the Worker has up to 5 MB compressed, with the inference runtime in it; free plans have had a limit of 3 MB
Change the plan at https://dash.cloudflare.com/?to=/:account/workers/plans. docs/deploy.md says what usage costs.`;
