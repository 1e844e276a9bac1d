"""What tests share: engines, an app in this process, and a clock."""
