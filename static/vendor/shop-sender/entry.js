// What is bundled into sender.js: the SDK, with its settings written down here instead of fetched from its maker.
// The page gives the write key in `data-key` of its root; events go to the host that the page came from.
import { AnalyticsBrowser } from "@segment/analytics-next";

const { key } = document.documentElement.dataset;

window.sender = AnalyticsBrowser.load(
  {
    writeKey: key,
    cdnSettings: {
      integrations: {
        "Segment.io": { apiKey: key, apiHost: `${location.host}/in/v1`, protocol: location.protocol.slice(0, -1) },
      },
      metrics: { sampleRate: 0 },
    },
  },
  { disableClientPersistence: true, initialPageview: false },
);
