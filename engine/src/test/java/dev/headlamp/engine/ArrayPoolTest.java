package dev.headlamp.engine;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.nd4j.linalg.api.buffer.DataType;
import org.nd4j.linalg.api.ndarray.INDArray;

class ArrayPoolTest {

  /** Room for 100 floats. */
  private final ArrayPool pool = new ArrayPool(DataType.FLOAT, 400);

  @Test
  void whatIsGivenBackIsTakenAgainForTheSameShape() {
    INDArray array = pool.take(2, 3);
    pool.giveBack(array);
    assertThat(pool.take(3, 2)).isNotSameAs(array);
    assertThat(pool.take(2, 3)).isSameAs(array);
    assertThat(pool.take(2, 3)).isNotSameAs(array);
  }

  @Test
  void theShapeThatWasAskedForLongestAgoGoesFirst() {
    INDArray old = pool.take(40);
    INDArray recent = pool.take(50);
    pool.giveBack(old);
    pool.giveBack(recent);
    INDArray newest = pool.take(2, 20);
    pool.giveBack(newest);
    assertThat(old.wasClosed()).isTrue();
    assertThat(recent.wasClosed()).isFalse();
    assertThat(newest.wasClosed()).isFalse();
  }

  @Test
  void whatIsLargerThanThePoolIsFreed() {
    INDArray array = pool.take(101);
    pool.giveBack(array);
    assertThat(array.wasClosed()).isTrue();
  }

  @Test
  void closingFreesWhatIsHeldAndWhatComesLater() {
    INDArray held = pool.take(4);
    INDArray later = pool.take(4);
    pool.giveBack(held);
    pool.close();
    pool.giveBack(later);
    assertThat(held.wasClosed()).isTrue();
    assertThat(later.wasClosed()).isTrue();
  }
}
