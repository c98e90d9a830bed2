package planted.barnabas.coordination.controller;

import planted.barnabas.protocol.KnowsTheController;

/** Breaks: coordination knows protocol. */
public final class KnowsTheWire {
    KnowsTheController other;
}
