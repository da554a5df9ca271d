// The mocked event stream.
import { CAMPAIGNS, iso, people, rng, sources } from './data.mjs';

const NAMES = ['Product Viewed', 'Product Added', 'Order Completed', 'Email Link Clicked', 'Store Visited', 'Ad Clicked', '', 'Coupon Redeemed', 'Products Searched'];
const VERDICTS = ['accepted', 'accepted', 'accepted', 'accepted', 'accepted', 'corrected', 'duplicate', 'accepted', 'quarantined'];
const cover = (v) => (v.length > 6 ? `${v.slice(0, 3)}••••${v.slice(-4)}` : v);

export const live = (url, request, response) => {
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  const r = rng('live');
  const wanted = (k, v) => !url.searchParams.get(k) || url.searchParams.get(k) === v;
  const send = (name, data) => response.write(`event: ${name}\ndata: ${JSON.stringify(data)}\n\n`);
  const one = () => {
    const source = r.pick(sources);
    const person = r.pick(people);
    const name = r.pick(NAMES);
    const verdict = r.pick(VERDICTS);
    if (!wanted('source_id', source.id) || !wanted('verdict', verdict) || !wanted('name', name)) return;
    send('event', {
      at: iso(Date.now() - r.int(20, 3000)), received_at: iso(Date.now()), source_id: source.id, source_name: source.name, kind: name ? 'track' : 'page', name, verdict,
      ...(verdict === 'quarantined' ? { reason: 'wrong_type' } : verdict === 'corrected' ? { reason: 'phone_e164' } : {}),
      ...(verdict === 'quarantined' ? {} : { person_id: person.id }), identifiers: person.identifiers.slice(0, 2).map((x) => ({ ...x, value: cover(x.value) })), ms: r.int(3, 90) / 10, campaign: r.pick(CAMPAIGNS),
    });
  };
  for (let i = 0; i < 14; i += 1) one();
  const events = setInterval(one, 650);
  const ticks = setInterval(() => send('tick', { events_per_s: 1400 + r.int(0, 500), quarantined_per_s: r.int(0, 12) / 10 }), 1000);
  send('tick', { events_per_s: 1640, quarantined_per_s: 0.4 });
  request.on('close', () => {
    clearInterval(events);
    clearInterval(ticks);
  });
};
