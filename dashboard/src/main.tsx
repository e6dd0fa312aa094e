import './print.css';
import { Provider } from '@urql/preact';
import { render } from 'preact';
import { startFollowing } from './api/changes.ts';
import { client } from './api/client.ts';
import { Pages } from './pages.tsx';
import { Announcer, announceChanges } from './parts/announcer.tsx';
import { AsOfBanner } from './parts/as-of-control.tsx';
import { Header } from './parts/header.tsx';
import { SourceDrawer } from './source/source-drawer.tsx';

/** A chart in another page has no header. */
const isEmbedded = location.pathname.startsWith('/embed/');
const place = document.getElementById('app');
if (place !== null) {
  startFollowing();
  announceChanges();
  render(
    <Provider value={client}>
      {!isEmbedded && <Header />}
      <AsOfBanner />
      <Pages />
      <SourceDrawer />
      <Announcer />
    </Provider>,
    place,
  );
}
