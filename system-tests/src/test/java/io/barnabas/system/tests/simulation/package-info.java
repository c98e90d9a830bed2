/**
 * A whole cluster in one thread and from one seed: brokers as they are, above a model of ZooKeeper, of the network and of disks, with
 * clients that write down what they were told and checkers that compare. Begin at
 * {@link io.barnabas.system.tests.simulation.SimulatedCluster}; {@link io.barnabas.system.tests.simulation.SimulationTest} runs as many
 * seeds as there is time for.
 */
package io.barnabas.system.tests.simulation;
