/** Why the free plan of Cloudflare is not enough. */
export const PLAN = `Sori needs the plan Workers Paid ($5 a month, and usage):
  processor time    speech takes tens to thousands of milliseconds a request; the free plan allows 10
  Durable Objects   each job is one, and computes for minutes
Change the plan at https://dash.cloudflare.com/?to=/:account/workers/plans. docs/deploy.md has the costs.`;
