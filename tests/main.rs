//! Tests that speak to the program from outside; `architecture` reads its sources. `cfg(test)` lets the lints know that
//! helpers are tests too.

#[cfg(test)]
mod architecture;
#[cfg(test)]
mod calendars;
#[cfg(test)]
mod crash;
#[cfg(test)]
mod generated;
#[cfg(test)]
mod hostile;
#[cfg(test)]
mod operation;
#[cfg(test)]
mod pictures;
#[cfg(test)]
mod racing;
#[cfg(test)]
mod support;
