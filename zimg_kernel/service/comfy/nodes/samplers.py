"""Names of samplers and schedulers in ComfyUI, and ours that take their places."""

from __future__ import annotations

from collections.abc import Collection

SAMPLERS = (
    "euler", "euler_cfg_pp", "euler_ancestral", "euler_ancestral_cfg_pp", "heun", "heunpp2",
    "exp_heun_2_x0", "exp_heun_2_x0_sde", "dpm_2", "dpm_2_ancestral", "lms", "dpm_fast",
    "dpm_adaptive", "dpmpp_2s_ancestral", "dpmpp_2s_ancestral_cfg_pp", "dpmpp_sde",
    "dpmpp_sde_gpu", "dpmpp_2m", "dpmpp_2m_cfg_pp", "dpmpp_2m_sde", "dpmpp_2m_sde_gpu",
    "dpmpp_2m_sde_heun", "dpmpp_2m_sde_heun_gpu", "dpmpp_3m_sde", "dpmpp_3m_sde_gpu", "ddpm",
    "lcm", "ipndm", "ipndm_v", "deis", "res_multistep", "res_multistep_cfg_pp",
    "res_multistep_ancestral", "res_multistep_ancestral_cfg_pp", "gradient_estimation",
    "gradient_estimation_cfg_pp", "er_sde", "seeds_2", "seeds_3", "sa_solver",
    "sa_solver_pece", "ddim", "uni_pc", "uni_pc_bh2",
)  # fmt: skip
SCHEDULERS = (
    "simple", "sgm_uniform", "karras", "exponential", "ddim_uniform", "beta", "normal",
    "linear_quadratic", "kl_optimal",
)  # fmt: skip
_OURS = {"euler": "euler", "ddim": "euler", "lcm": "lcm", "uni_pc": "unipc", "uni_pc_bh2": "unipc"}
_EVEN = ("simple", "sgm_uniform", "ddim_uniform", "normal")
_SPACINGS = ("karras", "exponential", "beta")


def sampler_of(name: str, known: Collection[str]) -> tuple[str, str]:
    """Return our sampler for one of ComfyUI, and a word on it where it is another one.

    Parameters
    ----------
    name : str
    known : collection of str
        The samplers of the model's family.
    """
    ours = _OURS.get(name, "")
    if ours in known:
        return ours, ""
    instead = "euler" if "euler" in known else next(iter(known))
    return instead, f"The sampler {name} is not among ours: {instead} draws in its place."


def spacing_of(name: str, sampler: str) -> tuple[str, str]:
    """Return our spacing of the noise levels for a scheduler, and a word where it is another."""
    if sampler == "unipc" and name not in _EVEN:
        return "linear", f"unipc spaces its noise levels itself: {name} has no effect."
    if name in _SPACINGS:
        return name, ""
    if name in _EVEN:
        return "linear", ""
    return "linear", f"The scheduler {name} is not among ours: linear takes its place."
