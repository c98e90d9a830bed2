package io.barnabas.broker.fetcher;

import io.barnabas.model.BrokerId;

/** Is told whether leaders can be reached. On the loops of fetchers; must not block. */
public interface LeaderContacts {
    /** A connection has broken, or could not be made. Told once, until it is reached. */
    void lost(BrokerId leader);

    /** It has answered. Told once, until it is lost. */
    void reached(BrokerId leader);
}
