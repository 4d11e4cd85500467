//! Known close codes and timers.
