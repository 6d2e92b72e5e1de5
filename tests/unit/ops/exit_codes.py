"""Which exit codes each command has, and where each of them is shown. docs/ops/exit-codes.md is this table."""

from __future__ import annotations

HERE = "unit/ops/test_exit_codes.py"
OUTSIDE = "unit/ops/test_exit_codes_outside.py::"
STACK = "integration/ops/"
ASKED = "unit/ops/test_console.py::test_where_nobody_can_be_asked_the_answer_is_no"
"""Every command that asks does so in one place, which is the only one that reads an answer."""
LIFE = f"{STACK}test_lifecycle.py::test_the_life_of_a_stack"
STATUS = f"{STACK}test_estate.py::test_status_evacuation_and_what_a_cut_region_looks_like"
FAILOVER = f"{STACK}test_estate.py::test_a_sigkill_in_the_middle_and_two_operators"
DRILL = f"{STACK}test_drill.py::"
DATA = f"{STACK}test_data.py::"
RECOVERY = f"{STACK}test_recovery.py::"
TOOLS = f"{RECOVERY}test_topology_doctor_and_the_sandboxs_own_commands"
SPENDING = f"{STACK}test_spending.py::test_cost_capacity_and_the_report_of_a_running_stack"
REAL = f"{STACK}test_as_in_aws.py::"
DEPLOY = f"{STACK}test_deploy.py::test_a_change_goes_to_one_region_first_and_stops_at_an_alarm"

CODES: dict[str, dict[int, str]] = {
    "init": {0: HERE, 1: HERE, 2: HERE},
    "up": {
        0: LIFE, 1: f"{STACK}test_half_way.py::test_a_provider_that_fails_half_way_is_told_and_the_next_up_goes_on",
        2: HERE, 3: HERE, 4: f"{STACK}test_bad_input.py::test_a_configured_port_in_use", 5: HERE,
    },
    "preview": {
        0: LIFE, 1: HERE, 2: HERE, 4: f"{STACK}test_bad_input.py::test_the_pulumi_engine_without_pulumi", 5: HERE,
    },
    "down": {0: HERE, 2: HERE, 3: HERE, 5: HERE, 6: LIFE},
    "prove": {
        0: f"{REAL}test_prove_evacuates_a_real_stack_and_leaves_no_order_behind",
        1: f"{REAL}test_prove_refuses_a_stack_that_is_not_well", 2: HERE, 3: HERE, 4: HERE,
        6: f"{REAL}test_prove_evacuates_a_real_stack_and_leaves_no_order_behind",
    },
    "status": {0: STATUS, 1: STATUS, 2: HERE, 4: HERE},
    "failover": {
        0: FAILOVER, 1: f"{STACK}test_estate.py::test_a_failover_with_a_fault_in_its_plan_is_refused_and_does_nothing",
        2: HERE, 3: FAILOVER, 4: HERE, 6: ASKED,
    },
    "failback": {
        0: f"{STACK}test_estate.py::test_killed_after_each_step_it_goes_on_and_what_was_done_is_not_done_again",
        1: f"{STACK}test_estate.py::test_failback_stops_at_an_item_that_differs_and_names_it", 2: HERE, 4: HERE,
        6: ASKED,
    },
    "evacuate": {0: STATUS, 1: STATUS, 2: HERE, 4: HERE, 6: STATUS},
    "readmit": {0: STATUS, 2: HERE, 4: HERE, 6: ASKED},
    "drill run": {
        0: f"{DRILL}test_a_region_loss_is_measured_signed_and_verified",
        1: f"{DRILL}test_a_drill_is_refused_on_a_stack_that_is_not_well", 2: HERE,
        3: f"{DRILL}test_two_drills_at_once_one_runs_and_the_other_is_told", 4: HERE,
        6: f"{DRILL}test_a_drill_is_refused_on_a_stack_that_is_not_well",
    },
    "drill list": {0: HERE, 2: HERE},
    "drill verify": {0: f"{DRILL}test_a_region_loss_is_measured_signed_and_verified", 1: HERE, 2: HERE},
    "drill heal": {0: HERE, 2: HERE, 3: HERE},
    "drill schedule": {0: HERE, 1: HERE, 2: HERE},
    "data compare": {
        0: f"{DATA}test_compare_finds_each_difference_and_repair_mends_them",
        1: f"{DATA}test_compare_finds_each_difference_and_repair_mends_them", 2: HERE, 4: HERE,
    },
    "data copy": {
        0: f"{DATA}test_copy_keeps_what_is_newer_and_goes_on_where_it_was", 2: HERE, 4: HERE, 6: ASKED,
    },
    "data repair": {
        0: f"{DATA}test_compare_finds_each_difference_and_repair_mends_them", 2: HERE, 4: HERE,
        6: f"{DATA}test_compare_finds_each_difference_and_repair_mends_them",
    },
    "backup create": {
        0: f"{RECOVERY}test_backup_restore_to_a_moment_and_single_items_brought_back", 2: HERE, 4: HERE,
    },
    "backup list": {
        0: f"{RECOVERY}test_a_recovery_point_of_aws_backup_is_listed_restored_and_verified", 2: HERE, 4: HERE,
    },
    "restore": {
        0: f"{RECOVERY}test_backup_restore_to_a_moment_and_single_items_brought_back",
        1: f"{RECOVERY}test_verify_says_equal_and_finds_an_altered_item", 2: HERE, 4: HERE,
        6: f"{RECOVERY}test_backup_restore_to_a_moment_and_single_items_brought_back",
    },
    "check": {0: LIFE, 1: HERE, 2: HERE, 4: HERE, 5: HERE},
    "topology": {0: HERE, 2: HERE, 4: HERE},
    "report": {0: SPENDING, 2: HERE, 5: HERE},
    "capacity": {0: HERE, 1: HERE, 2: HERE, 4: HERE},
    "cost": {0: HERE, 1: HERE, 2: HERE, 4: HERE},
    "cost refresh": {0: "unit/ops/cost/test_refresh.py::test_the_file_is_written_whole_and_can_be_read_again", 2: HERE, 4: HERE},
    "readiness": {0: LIFE, 1: HERE, 2: HERE, 4: HERE, 5: HERE},
    "doctor": {0: TOOLS, 1: HERE, 2: HERE},
    "sandbox start": {
        0: f"{STACK}test_half_way.py::test_a_provider_that_fails_half_way_is_told_and_the_next_up_goes_on", 2: HERE,
    },
    "sandbox stop": {0: HERE, 2: HERE, 3: HERE},
    "sandbox status": {
        0: LIFE, 1: f"{RECOVERY}test_a_part_of_the_sandbox_that_crashed_is_told_with_how_it_ended", 2: HERE, 4: HERE,
    },
    "sandbox fault": {0: TOOLS, 2: HERE, 4: HERE},
    "sandbox heal": {0: TOOLS, 2: HERE, 4: HERE},
    "sandbox env": {0: TOOLS, 2: HERE, 4: HERE},
    "sandbox logs": {0: HERE, 2: HERE},
    "deploy": {0: DEPLOY, 1: DEPLOY, 2: HERE, 3: HERE, 4: HERE, 5: HERE, 6: ASKED},
    "drift": {0: HERE, 1: HERE, 2: HERE, 3: HERE, 4: HERE, 5: HERE},
    "changed": {0: HERE, 2: HERE},
    "bootstrap": {
        0: "integration/bootstrap/test_bootstrap.py::test_it_comes_up_passes_the_packs_and_a_second_run_changes_nothing",
        1: f"{OUTSIDE}test_a_bootstrap_whose_step_fails_is_1_and_can_be_run_again", 2: HERE,
        4: f"{OUTSIDE}test_a_bootstrap_without_credentials_is_4_and_nothing_was_made", 6: ASKED,
    },
    "pr-comment": {
        0: HERE, 2: HERE, 4: f"{OUTSIDE}test_a_forge_that_does_not_take_the_comment_is_4_and_the_comment_is_kept",
    },
    "package": {0: HERE, 2: HERE},
    "settings schema": {0: HERE, 2: HERE},
    "settings check": {0: HERE, 2: HERE},
}  # fmt: skip
"""Command → exit code → the test that shows it. 70 and 130 are every command's."""
