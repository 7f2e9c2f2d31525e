package dev.sluice.bench;

import java.util.List;
import java.util.stream.Stream;

/** All that is measured. */
record Rows(
        Row floor,
        Row accept,
        Row deliver,
        Row fsync,
        Row fanOut,
        Row hotLane,
        Row farLane,
        Row duplicates,
        Row forged,
        Row nothingButForged,
        Row large,
        Row two,
        Row three,
        Row crowd) {

    List<Row> all() {
        return Stream.concat(Stream.of(floor), ofGateways().stream()).toList();
    }

    /** Those that share a gateway, which takes one load after the other. */
    List<Row> ofOneGateway() {
        return all().stream().filter(row -> row.stand() == deliver.stand()).toList();
    }

    List<Row> ofOneLane() {
        return List.of(hotLane, farLane);
    }

    List<Row> ofGateways() {
        return List.of(
                accept,
                deliver,
                fsync,
                fanOut,
                hotLane,
                farLane,
                duplicates,
                forged,
                nothingButForged,
                large,
                two,
                three,
                crowd);
    }
}
