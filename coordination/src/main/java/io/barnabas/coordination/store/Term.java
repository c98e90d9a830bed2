package io.barnabas.coordination.store;

/**
 * One controller's time in office; every write of the controller names it.
 *
 * @param controllerEpoch number of the term, from 1
 * @param epochVersion    version of the stored controller epoch; while it stands, no other controller was elected
 */
public record Term(int controllerEpoch, int epochVersion) {}
