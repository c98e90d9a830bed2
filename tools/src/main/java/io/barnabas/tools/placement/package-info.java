/**
 * Decides where replicas should lie. Pure: a {@link io.barnabas.tools.placement.Placement} goes in, a
 * {@link io.barnabas.tools.placement.PlacementPlan} comes out; nothing here asks a cluster or changes one.
 * Begin at {@link io.barnabas.tools.placement.PlacementPlanner}.
 */
package io.barnabas.tools.placement;
