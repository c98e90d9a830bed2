/**
 * Runs the cluster's controller: stands for election, feeds the machine that decides, and carries its decisions out
 * against ZooKeeper and the brokers. Nothing is decided here; that is done in {@code coordination.controller}.
 * Begin at {@link io.barnabas.coordination.ControllerLoop}. What a broker may ask is {@link io.barnabas.coordination.ControllerClient}.
 */
package io.barnabas.coordination;
