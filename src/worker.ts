export default { fetch: () => new Response('sori') };
