# SPDX-License-Identifier: GPL-3.0-or-later
"""impax-lab: a simulated hospital site. Its stations answer as the real ones would; it knows nothing of who asks."""
