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

    List<Row> ofGateways() {
        return List.of(
                accept,
                deliver,
                fsync,
                fanOut,
                hotLane,
                duplicates,
                forged,
                nothingButForged,
                large,
                two,
                three,
                crowd);
    }
}
