package planted.barnabas.tools;

import planted.barnabas.broker.api.EverythingManager;

/** Breaks: tools stand beside the broker. */
public final class KnowsTheBroker {
    EverythingManager broker;
}
