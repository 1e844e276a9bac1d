"""DynamoDB and S3: one repository a concept; PynamoDB models and item shapes never leave this package."""
