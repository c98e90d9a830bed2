package planted.barnabas.protocol;

import planted.barnabas.coordination.controller.KnowsTheWire;

/** Breaks: protocol knows coordination. */
public final class KnowsTheController {
    KnowsTheWire other;
}
