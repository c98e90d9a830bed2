package io.barnabas.broker.app;

import io.barnabas.broker.api.AlterConfigsHandler;
import io.barnabas.broker.api.AlterPartitionReassignmentsHandler;
import io.barnabas.broker.api.CreatePartitionsHandler;
import io.barnabas.broker.api.CreateTopicsHandler;
import io.barnabas.broker.api.DeleteRecordsHandler;
import io.barnabas.broker.api.DeleteTopicsHandler;
import io.barnabas.broker.api.DescribeClusterHandler;
import io.barnabas.broker.api.DescribeConfigsHandler;
import io.barnabas.broker.api.DescribeTopicPartitionsHandler;
import io.barnabas.broker.api.ElectLeadersHandler;
import io.barnabas.broker.api.FetchHandler;
import io.barnabas.broker.api.IncrementalAlterConfigsHandler;
import io.barnabas.broker.api.InitProducerIdHandler;
import io.barnabas.broker.api.ListConfigResourcesHandler;
import io.barnabas.broker.api.ListOffsetsHandler;
import io.barnabas.broker.api.ListPartitionReassignmentsHandler;
import io.barnabas.broker.api.MetadataHandler;
import io.barnabas.broker.api.OffsetForLeaderEpochHandler;
import io.barnabas.broker.api.ProduceHandler;
import io.barnabas.broker.api.UpdateFeaturesHandler;

/** One handler for each API, made when the broker knows who it is. */
record Handlers(
        ProduceHandler produce,
        FetchHandler fetch,
        ListOffsetsHandler listOffsets,
        MetadataHandler metadata,
        CreateTopicsHandler createTopics,
        DeleteTopicsHandler deleteTopics,
        DeleteRecordsHandler deleteRecords,
        InitProducerIdHandler initProducerId,
        OffsetForLeaderEpochHandler offsetForLeaderEpoch,
        DescribeConfigsHandler describeConfigs,
        AlterConfigsHandler alterConfigs,
        IncrementalAlterConfigsHandler incrementalAlterConfigs,
        ListConfigResourcesHandler listConfigResources,
        DescribeClusterHandler describeCluster,
        DescribeTopicPartitionsHandler describeTopicPartitions,
        CreatePartitionsHandler createPartitions,
        ElectLeadersHandler electLeaders,
        AlterPartitionReassignmentsHandler alterPartitionReassignments,
        ListPartitionReassignmentsHandler listPartitionReassignments,
        UpdateFeaturesHandler updateFeatures,
        GroupHandlers groups) {}
