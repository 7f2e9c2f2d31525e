/** What the other packages need of reactive programming and Mutiny does not offer. */
@NullMarked
package dev.sluice.reactive;

import org.jspecify.annotations.NullMarked;
