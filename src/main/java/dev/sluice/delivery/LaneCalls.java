package dev.sluice.delivery;

import dev.sluice.fleet.Pods;
import dev.sluice.fleet.SharedRates;
import dev.sluice.lane.Census;
import dev.sluice.lane.Claim;
import dev.sluice.lane.Heads;
import dev.sluice.lane.Hold;
import dev.sluice.lane.LaneSettings;
import jakarta.enterprise.context.Dependent;

/** How an outlet gets at lanes. */
@Dependent
record LaneCalls(
        Claim claim,
        Heads heads,
        Hold hold,
        SharedRates rates,
        Census census,
        FailingTargets failing,
        Pods pods,
        LaneSettings settings) {}
