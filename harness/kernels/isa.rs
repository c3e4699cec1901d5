//! The instruction set that kernels use, and kernels compiled for each.

use std::sync::OnceLock;

/// What kernels are compiled for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum InstructionSet {
    /// What every processor has.
    Plain,
    /// AVX2 and FMA: Intel since 2013, AMD since 2015.
    Avx2,
    /// AVX-512 with its extensions VL, DQ and BW.
    Avx512,
}

/// Returns the widest set that this processor has.
pub fn widest() -> InstructionSet {
    #[cfg(target_arch = "x86_64")]
    {
        let has_avx2 = is_x86_feature_detected!("avx2") && is_x86_feature_detected!("fma");
        let has_avx512 = is_x86_feature_detected!("avx512f")
            && is_x86_feature_detected!("avx512vl")
            && is_x86_feature_detected!("avx512dq")
            && is_x86_feature_detected!("avx512bw");
        if has_avx2 {
            return if has_avx512 { InstructionSet::Avx512 } else { InstructionSet::Avx2 };
        }
    }
    InstructionSet::Plain
}

/// Returns the set that kernels use: the widest, or a narrower one within [`with`].
#[inline]
pub fn in_use() -> InstructionSet {
    static WIDEST: OnceLock<InstructionSet> = OnceLock::new();
    #[cfg(test)]
    if let Some(set) = tests::NARROWED.get() {
        return set;
    }
    *WIDEST.get_or_init(widest)
}

/// Defines a function that is compiled for each instruction set and runs as the one in use. The compiler makes vectors of
/// its loops; what they compute is fixed by the source, because it never contracts or reorders.
macro_rules! for_each_set {
    ($($(#[$attribute:meta])* $visibility:vis fn $name:ident<$scalar:ident $(, $kernel:ident: $of:ident)?>($($argument:ident: $type:ty),* $(,)?) $body:block)+) => {
        $($(#[$attribute])*
        #[allow(clippy::too_many_arguments, reason = "a kernel takes its operands one by one")]
        $visibility fn $name<$scalar: $crate::kernels::vector::Scalar $(, $kernel: $of)?>($($argument: $type),*) {
            #[inline(always)]
            #[allow(clippy::too_many_arguments, reason = "a kernel takes its operands one by one")]
            fn plain<$scalar: $crate::kernels::vector::Scalar $(, $kernel: $of)?>($($argument: $type),*) $body

            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx2,fma")]
            #[allow(clippy::too_many_arguments, reason = "a kernel takes its operands one by one")]
            fn avx2<$scalar: $crate::kernels::vector::Scalar $(, $kernel: $of)?>($($argument: $type),*) {
                plain::<$scalar $(, $kernel)?>($($argument),*);
            }

            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx512f,avx512vl,avx512dq,avx512bw,avx2,fma")]
            #[allow(clippy::too_many_arguments, reason = "a kernel takes its operands one by one")]
            fn avx512<$scalar: $crate::kernels::vector::Scalar $(, $kernel: $of)?>($($argument: $type),*) {
                plain::<$scalar $(, $kernel)?>($($argument),*);
            }

            match $crate::kernels::isa::in_use() {
                // SAFETY: a set is in use only if the processor has it.
                #[cfg(target_arch = "x86_64")]
                $crate::kernels::isa::InstructionSet::Avx512 => unsafe { avx512::<$scalar $(, $kernel)?>($($argument),*) },
                // SAFETY: a set is in use only if the processor has it.
                #[cfg(target_arch = "x86_64")]
                $crate::kernels::isa::InstructionSet::Avx2 => unsafe { avx2::<$scalar $(, $kernel)?>($($argument),*) },
                _ => plain::<$scalar $(, $kernel)?>($($argument),*),
            }
        })+
    };
}
pub(super) use for_each_set;

/// Defines a function of which the body is written over registers of the instruction set in use, of [`Vector`].
///
/// [`Vector`]: super::vector::Vector
macro_rules! with_registers {
    ($($(#[$attribute:meta])* $visibility:vis unsafe fn $name:ident<$scalar:ident, $vector:ident $(, $kernel:ident: $of:ident)?>($($argument:ident: $type:ty),* $(,)?) $body:block)+) => {
        $($(#[$attribute])*
        #[allow(clippy::too_many_arguments, reason = "a kernel takes its operands one by one")]
        $visibility unsafe fn $name<$scalar: $crate::kernels::vector::Scalar $(, $kernel: $of)?>($($argument: $type),*) {
            #[inline(always)]
            #[allow(clippy::too_many_arguments, reason = "a kernel takes its operands one by one")]
            unsafe fn of<$scalar, $vector $(, $kernel)?>($($argument: $type),*)
            where
                $scalar: $crate::kernels::vector::Scalar,
                $vector: $crate::kernels::vector::Vector<Number = $scalar>,
                $($kernel: $of,)?
            $body

            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx2,fma")]
            #[allow(clippy::too_many_arguments, reason = "a kernel takes its operands one by one")]
            unsafe fn avx2<$scalar: $crate::kernels::vector::Scalar $(, $kernel: $of)?>($($argument: $type),*) {
                // SAFETY: the caller's.
                unsafe { of::<$scalar, $scalar::Narrow $(, $kernel)?>($($argument),*) }
            }

            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx512f,avx512vl,avx512dq,avx512bw,avx2,fma")]
            #[allow(clippy::too_many_arguments, reason = "a kernel takes its operands one by one")]
            unsafe fn avx512<$scalar: $crate::kernels::vector::Scalar $(, $kernel: $of)?>($($argument: $type),*) {
                // SAFETY: the caller's.
                unsafe { of::<$scalar, $scalar::Wide $(, $kernel)?>($($argument),*) }
            }

            // SAFETY: the caller's, and a set is in use only if the processor has it.
            unsafe {
                match $crate::kernels::isa::in_use() {
                    #[cfg(target_arch = "x86_64")]
                    $crate::kernels::isa::InstructionSet::Avx512 => avx512::<$scalar $(, $kernel)?>($($argument),*),
                    #[cfg(target_arch = "x86_64")]
                    $crate::kernels::isa::InstructionSet::Avx2 => avx2::<$scalar $(, $kernel)?>($($argument),*),
                    _ => of::<$scalar, $crate::kernels::vector::Single<$scalar> $(, $kernel)?>($($argument),*),
                }
            }
        })+
    };
}
pub(super) use with_registers;

#[cfg(test)]
pub(crate) mod tests {
    use std::cell::Cell;

    use super::*;

    thread_local! {
        pub(super) static NARROWED: Cell<Option<InstructionSet>> = const { Cell::new(None) };
    }

    /// Computes on this thread with each set that the processor has, and returns what each gives.
    pub fn with_each<T>(mut compute: impl FnMut() -> T) -> Vec<T> {
        let sets = [InstructionSet::Plain, InstructionSet::Avx2, InstructionSet::Avx512];
        sets.into_iter()
            .filter(|set| *set <= widest())
            .map(|set| {
                NARROWED.set(Some(set));
                let computed = compute();
                NARROWED.set(None);
                computed
            })
            .collect()
    }
}
