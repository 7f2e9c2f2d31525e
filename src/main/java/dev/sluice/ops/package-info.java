/**
 * What operators see and do. {@link dev.sluice.ops.TargetResource} tells how targets are, {@link dev.sluice.ops.LaneResource} which lanes
 * are stuck, {@link dev.sluice.ops.DeadLetterResource} what was set aside and {@link dev.sluice.ops.EventResource} what became of an event.
 * What takes long is a job: written down as a {@link dev.sluice.ops.Task}, which {@link dev.sluice.ops.JobRunner} has done by one gateway
 * for all ({@link dev.sluice.ops.Work}), and {@link dev.sluice.ops.JobResource} tells how far it has got.
 */
@NullMarked
package dev.sluice.ops;

import org.jspecify.annotations.NullMarked;
